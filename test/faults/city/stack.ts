/** A built function as a city deploys it. */
export interface Deployed {
  name: string
  /** Its folder, as in `test/functions/counting`. */
  folder: string
  /** None for a function that is only called over HTTP. */
  topics?: string[]
  batch?: number
  replicas?: number
  environment?: Record<string, string>
}

/** The function that counts its effects, in the variant asked for. */
export const countingIn = (variant: string, more: Partial<Deployed> = {}): Deployed => ({
  name: 'counting',
  folder: `test/functions/${variant}`,
  topics: ['readings'],
  batch: 50,
  ...more,
})

/** The stack.yml of a city. */
export const stackText = (functions: Deployed[], orders: string): string => `version: 1.0
provider:
  name: openfaas
functions:
${functions.map((one) => entry(one, orders)).join('')}`

const entry = ({ name, folder, topics, batch = 100, replicas = 1, environment = {} }: Deployed, orders: string) => `
  ${name}:
    lang: node-ts
    handler: ./${folder}
    image: junction/${name}:test
    labels:
      com.openfaas.scale.max: "${replicas}"
    environment:
      ORDERS: ${orders}
${Object.entries(environment)
  .map(([key, value]) => `      ${key}: "${value}"\n`)
  .join('')}${
  topics
    ? `    annotations:
      city.junction.topics: "${topics.join(',')}"
      city.junction.batch: "${batch}"
`
    : ''
}`
