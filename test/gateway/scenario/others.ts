import { inBody, type Place, pathIn, type Step } from './step.ts'

/** What every client asks first. */
export const first: Step[] = [
  {
    ...{ command: 'faas-cli version', method: 'GET', path: '/system/info', status: 200 },
    answerHeaders: { 'content-type': 'application/json' },
    json: {
      provider: { provider: 'junction', orchestration: 'processes', version: { sha: '', release: /./ } },
      version: { sha: '', release: /./ },
      arch: /^\w+$/,
    },
  },
  { command: 'faas-cli ready', method: 'GET', path: '/healthz', status: 200, text: 'OK' },
  { command: 'a probe', method: 'HEAD', path: '/healthz', status: 200, text: '' },
  {
    ...{ command: 'nobody', method: 'PATCH', path: '/system/functions', status: 405 },
    answerHeaders: { allow: 'GET, HEAD, POST, PUT, DELETE' },
  },
  { command: 'nobody', method: 'POST', path: '/healthz', status: 405 },
]

/** Makes a namespace, looks at it and changes it. */
export const makeNamespace = (name: string): Step[] => {
  const create = { command: 'faas-cli namespace create', method: 'POST', path: '/system/namespace/' }
  const update = { command: 'faas-cli namespace update', method: 'PUT', path: `/system/namespace/${name}` }
  const get = { command: 'faas-cli namespace get', method: 'GET' }
  return [
    { ...create, body: `{"name":"${name}","annotations":{},"labels":{"openfaas":"1"}}`, status: 201 },
    { ...create, body: `{"name":"${name}","annotations":{},"labels":{"openfaas":"1"}}`, status: 409 },
    { ...create, body: `{"name":"other","annotations":{},"labels":{}}`, status: 400, text: /labels\.openfaas/ },
    { ...create, body: `{"name":"../other","labels":{"openfaas":"1"}}`, status: 400, text: /name: / },
    {
      ...{ command: 'faas-cli namespaces', method: 'GET', path: '/system/namespaces' },
      ...{ status: 200, json: ['openfaas-fn', name] },
    },
    { ...get, path: `/system/namespace/${name}`, status: 200, json: { name, labels: { openfaas: '1' } } },
    { ...get, path: '/system/namespace/nowhere', status: 404 },
    {
      ...{ ...update, status: 202 },
      body: `{"name":"${name}","annotations":{"team":"roads"},"labels":{"openfaas":"1","tier":"test"}}`,
    },
    { ...update, body: '{"name":"other","labels":{"openfaas":"1"}}', status: 400, text: /name: / },
    {
      ...{ ...get, path: `/system/namespace/${name}`, status: 200 },
      json: { name, annotations: { team: 'roads' }, labels: { openfaas: '1', tier: 'test' } },
    },
  ]
}

const removal = (name: string) => ({
  ...{ command: 'faas-cli namespace remove', method: 'DELETE', path: `/system/namespace/${name}` },
  body: `{"name":"${name}"}`,
})

/** A namespace that still has functions stays. */
export const keepNamespace = (name: string): Step[] => [{ ...removal(name), status: 409 }]

/** Takes an empty namespace away. */
export const removeNamespace = (name: string): Step[] => [
  { ...removal(name), status: 202 },
  { ...removal(name), status: 404 },
  { ...removal('openfaas-fn'), status: 400 },
]

const secrets = (place: Place, reads = false) => pathIn(place, '/system/secrets', reads)

/** Makes, lists and changes secrets. */
export const makeSecrets = (place: Place): Step[] => {
  const create = { command: 'faas-cli secret create', method: 'POST', path: secrets(place) }
  const update = { command: 'faas-cli secret update', method: 'PUT', path: secrets(place) }
  const { namespace } = place
  return [
    { ...create, body: `{"name":"db-password"${inBody(place)},"value":"s3cr3t"}`, status: 201, text: '' },
    { ...create, body: `{"name":"db-password"${inBody(place)},"value":"s3cr3t"}`, status: 409 },
    { ...create, body: `{"name":"key.pem"${inBody(place)},"value":"AP8=","rawValue":"AP8="}`, status: 201 },
    { ...update, body: `{"name":"db-password"${inBody(place)},"value":"n3w"}`, status: 200 },
    { ...update, body: `{"name":"nobody-made"${inBody(place)},"value":"x"}`, status: 404 },
    ...['', '../operator-token', 'a/b', '.hidden', 'Big', 'operator-token', 'basic-auth-password'].map((name) => ({
      ...{ ...create, status: 400, text: /name: / },
      body: `{"name":"${name}"${inBody(place)},"value":"x"}`,
    })),
    {
      ...{ command: 'faas-cli secret list', method: 'GET', path: secrets(place, true), status: 200 },
      json: ['db-password', 'key.pem'].map((name) => ({ name, namespace })),
    },
  ]
}

/** Takes the secrets away. */
export const removeSecrets = (place: Place): Step[] => {
  const removing = { command: 'faas-cli secret remove', method: 'DELETE', path: secrets(place) }
  return [
    { ...removing, body: `{"name":"db-password"${inBody(place)}}`, status: 202 },
    { ...removing, body: `{"name":"db-password"${inBody(place)}}`, status: 404 },
    { ...removing, body: `{"name":"key.pem"${inBody(place)}}`, status: 202 },
    { ...removing, body: `{"name":"operator-token"${inBody(place)}}`, status: 400 },
    { command: 'faas-cli secret list', method: 'GET', path: secrets(place, true), status: 200, json: [] },
  ]
}

/** Reads the log of the program that was called. */
export const readLogs = (place: Place): Step[] => {
  const logs = { command: 'faas-cli logs --tail=false', method: 'GET', status: 200 }
  const since = '2012-03-01T08:00:00Z'
  const from = (query: string) => pathIn(place, `/system/logs?${query}`, true)
  return [
    {
      ...{ ...logs, path: from(`follow=false&name=says&since=${since}&tail=1`) },
      answerHeaders: { 'content-type': 'application/x-ndjson' },
      text: new RegExp(
        `^\\{"name":"says","namespace":"${place.namespace}","instance":"says-\\d+","timestamp":"[^"]+Z","text":"[^\\n]*\\}\\n$`,
      ),
    },
    { ...logs, path: from('follow=false&name=says&since=2999-01-01T00:00:00Z'), text: '' },
    { ...logs, path: from('follow=false&name=says&instance=says-0'), text: '' },
    { ...logs, path: from('follow=false&name=nobody'), status: 404 },
    { ...logs, path: from('follow=false&name=says&tail=many'), status: 422, text: /tail: / },
    { ...logs, path: from('follow=false&name=says&since=yesterday'), status: 422, text: /since: / },
  ]
}

/** What is left for later at a function that is always there; how it goes on is tested where the queues are. */
export const later: Step[] = [
  {
    ...{ command: 'faas-cli invoke -a', method: 'POST', path: '/async-function/city.openfaas-fn?a=b', body: 'x' },
    ...{ headers: { 'content-type': 'text/plain' }, status: 202, text: '' },
    answerHeaders: { 'x-call-id': /^[0-9a-f-]{36}$/ },
  },
  { command: 'faas-cli invoke -a', method: 'POST', path: '/async-function/nobody.openfaas-fn', body: 'x', status: 404 },
  { command: 'nobody', method: 'PUT', path: '/async-function/city.openfaas-fn', body: 'x', status: 405 },
]

/** What a real OpenFaaS gateway asks of the provider behind it. */
export const provider: Step[] = [
  {
    ...{ command: 'gateway (availability)', method: 'GET', status: 200 },
    path: '/system/function/city?namespace=openfaas-fn&usage=false',
    text: /"name":"city","namespace":"openfaas-fn".*"faas_function":"city"/,
  },
  {
    ...{ command: 'gateway (from zero)', method: 'POST', path: '/system/scale-function/city?namespace=openfaas-fn' },
    ...{ body: '{"serviceName":"city","replicas":1}', status: 202 },
  },
  {
    ...{ command: 'gateway (availability)', method: 'GET', status: 200, eventually: true },
    path: '/system/function/city?namespace=openfaas-fn&usage=false',
    text: /"availableReplicas":1/,
  },
  {
    ...{ command: 'gateway (counts)', method: 'GET', path: '/system/functions?namespace=openfaas-fn' },
    ...{ status: 200, text: /"name":"city"/ },
  },
  { command: 'gateway (proxy)', method: 'GET', path: '/function/city.openfaas-fn/openapi.json', status: 200 },
  { command: 'gateway (health)', method: 'GET', path: '/healthz', status: 200 },
]
