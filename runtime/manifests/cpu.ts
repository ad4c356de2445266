/** Thousandths of a core that a quantity of Kubernetes says, undefined for what is none. */
export const milliCpu = (quantity: string | undefined): number | undefined => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(m?)$/.exec(quantity ?? '') ?? []
  const milli = Number(amount) * (unit === 'm' ? 1 : 1_000)
  return milli > 0 ? milli : undefined
}
