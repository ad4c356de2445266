/** The stack of the end-to-end run: the functions of the spine and the counting one, in the variant asked for. */
export const stackText = (counting: string, orders: string): string => `version: 1.0
provider:
  name: openfaas
functions:
  ingest:
    lang: node-ts
    handler: ./functions/ingest
    image: junction/ingest:test
  detect-congestion:
    lang: node-ts
    handler: ./functions/detect-congestion
    image: junction/detect-congestion:test
    annotations:
      city.junction.topics: "readings"
      city.junction.batch: "500"
  counting:
    lang: node-ts
    handler: ./test/functions/${counting}
    image: junction/counting:test
    environment:
      ORDERS: ${orders}
    annotations:
      city.junction.topics: "readings"
      city.junction.batch: "100"
`
