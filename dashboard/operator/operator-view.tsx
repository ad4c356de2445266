/** What the people who run the city see: functions, consumers, dead letters and sensors. */
export function OperatorView() {
  return <section id="operator" aria-label="Operator" />
}
