const NAMES = new Map([
  ['KMH', 'km/h'],
  ['HM', 'mph'],
  ['MTS', 'm/s'],
  ['KNT', 'kn'],
  ['C62', ''],
  ['P1', '%'],
])

/** How people write a unit, by its UN/CEFACT code; the code itself where they have no other way, nothing for a number. */
export const unitName = (code: string): string => NAMES.get(code) ?? code
