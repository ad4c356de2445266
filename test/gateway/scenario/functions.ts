import { inBody, type Place, pathIn, type Step } from './step.ts'

/** The deployment of faas-cli.md 2, as faas-cli 0.18 writes it. */
const ingest = (place: Place) =>
  `{"service":"ingest","image":"registry.example/acme/ingest:latest"${inBody(place)},"envProcess":"node index.mjs","envVars":{"COUNT":"5","FLAG":"true"},"constraints":["zone=a"],"secrets":["db-password"],"labels":{"com.openfaas.scale.max":"5"},"annotations":{"schedule":"*/5 * * * *","topic":"readings"},"limits":{"memory":"256Mi","cpu":"500m"},"requests":{"memory":"64Mi"},"readOnlyRootFilesystem":true}`

const ingestStatus = ({ namespace }: Place) => ({
  name: 'ingest',
  namespace,
  image: 'registry.example/acme/ingest:latest',
  envProcess: 'node index.mjs',
  envVars: { COUNT: '5', FLAG: 'true' },
  constraints: ['zone=a'],
  secrets: ['db-password'],
  labels: { 'com.openfaas.scale.max': '5', faas_function: 'ingest' },
  annotations: { schedule: '*/5 * * * *', topic: 'readings' },
  limits: { memory: '256Mi', cpu: '500m' },
  requests: { memory: '64Mi' },
  readOnlyRootFilesystem: true,
  createdAt: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
})

const cat = (place: Place) =>
  `{"service":"says","image":"registry.example/acme/says:0.1"${inBody(place)},"envProcess":"cat","labels":{},"annotations":{"note":"two\\nlines"}}`

const catStatus = ({ namespace }: Place) => ({
  name: 'says',
  namespace,
  image: 'registry.example/acme/says:0.1',
  envProcess: 'cat',
  labels: { faas_function: 'says' },
  annotations: { note: 'two\nlines' },
  createdAt: /Z$/,
})

const all = (place: Place, reads = false) => pathIn(place, '/system/functions', reads)
const one = (place: Place, name: string) => pathIn(place, `/system/function/${name}?usage=1`, true)
const running = { replicas: 1, availableReplicas: 1, usage: { cpu: /./, totalMemoryBytes: /^[1-9]/ } }

/** Deploys two functions: one that is built here, and a program of this machine. */
export const deploy = (place: Place): Step[] => {
  const put = { command: 'faas-cli deploy', method: 'PUT', path: all(place) }
  const post = { command: 'faas-cli deploy (after a 404)', method: 'POST', path: all(place) }
  const isNew = place.namespace !== 'openfaas-fn'
  return [
    ...(isNew ? [{ ...put, body: ingest(place), status: 404 }] : []),
    { ...(isNew ? post : put), body: ingest(place), status: 202, text: '' },
    {
      ...{ command: 'faas-cli describe', method: 'GET', path: one(place, 'ingest') },
      ...{ status: 200, json: { ...ingestStatus(place), ...running }, eventually: true },
    },
    { ...put, body: cat(place), status: 404, text: /there is no function says/ },
    { ...post, body: cat(place), status: 202, text: '' },
    { ...post, command: 'faas-cli deploy --update=false', body: cat(place), status: 409 },
    {
      ...{ command: 'faas-cli ready says', method: 'GET', path: one(place, 'says') },
      ...{ status: 200, json: { ...catStatus(place), ...running }, eventually: true },
    },
    {
      ...{ ...put, command: 'faas-cli deploy --env A=b' },
      ...{ body: cat(place).replace('"labels"', '"envVars":{"A":"b"},"labels"'), status: 202 },
    },
    {
      ...{
        command: 'faas-cli describe',
        method: 'GET',
        path: pathIn(place, '/system/function/says', true),
        status: 200,
      },
      json: { ...catStatus(place), envVars: { A: 'b' }, replicas: 1, availableReplicas: 1 },
      eventually: true,
    },
    { ...put, command: 'faas-cli deploy, which replaces the whole', body: cat(place), status: 202 },
    {
      ...{ command: 'faas-cli describe', method: 'GET', path: one(place, 'says'), status: 200 },
      ...{ json: { ...catStatus(place), ...running }, eventually: true },
    },
  ]
}

/** What is refused, and what the answer names. */
export const refusals = (place: Place): Step[] => {
  const post = { command: 'faas-cli deploy', method: 'POST', path: all(place), status: 400 }
  const none = (keys: string) => `{"service":"odd","image":"registry.example/acme/odd:1"${inBody(place)}${keys}}`
  return [
    { ...post, body: '', text: /the body is empty/ },
    { ...post, body: '{"service":', text: /no JSON/ },
    { ...post, body: '{"image":"a/b:1"}', text: /service: / },
    { ...post, body: none(',"service":"Odd"'), text: /service: it must be a DNS label/ },
    { ...post, body: none(',"labels":{"a":1}'), text: /labels\.a: / },
    { ...post, body: none(''), text: /registry\.example\/acme\/odd:1/ },
    { ...post, body: none(',"envProcess":"no-such-program -x"'), text: /no-such-program/ },
    { ...post, body: none(',"envProcess":"cat","secrets":["nobody-made"]'), text: /secrets: .*nobody-made/ },
    { ...post, body: none(',"envProcess":"cat","envVars":{"exec_timeout":"soon"}'), text: /envVars: .*exec_timeout/ },
    {
      ...{ ...post, path: '/system/functions?namespace=nowhere' },
      ...{ body: '{"service":"odd","image":"a/odd:1","envProcess":"cat"}', text: /namespace: .*nowhere/ },
    },
  ]
}

/** Lists, invokes, scales. */
export const use = (place: Place): Step[] => {
  const { namespace } = place
  const invoke = { command: 'faas-cli invoke', method: 'POST', headers: { 'content-type': 'text/plain' } }
  const scaled = (replicas: number) => ({
    ...{ command: 'curl (scale)', method: 'POST', path: pathIn(place, '/system/scale-function/says') },
    body: `{"serviceName":"says","replicas":${replicas}${inBody(place)}}`,
  })
  const says = pathIn(place, '/system/function/says', true)
  const list = { method: 'GET', path: all(place, true), status: 200 }
  const labels = '"labels":\\{"com.openfaas.scale.max":"5"'
  return [
    { ...list, command: 'faas-cli diff', text: new RegExp(`"name":"ingest",.*${labels}\\}`) },
    {
      ...{ ...list, command: 'any other client', headers: { 'user-agent': 'Go-http-client/1.1' } },
      text: new RegExp(`"name":"ingest",.*${labels},"faas_function":"ingest"\\}`),
    },
    { ...invoke, path: `/function/says.${namespace}?a=b`, body: 'over there', status: 200, text: 'over there' },
    { ...invoke, path: `/function/nobody.${namespace}`, body: '', status: 404, text: /error finding function nobody/ },
    { ...scaled(0), status: 202, text: '' },
    { command: 'faas-cli describe', method: 'GET', path: says, status: 200, json: catStatus(place), eventually: true },
    { ...invoke, path: `/function/says.${namespace}`, body: 'woken', status: 200, text: 'woken' },
    { ...scaled(1), status: 202 },
    {
      ...{ command: 'Prometheus', method: 'GET', path: '/metrics', status: 200 },
      text: new RegExp(
        `^gateway_function_invocation_total\\{function_name="says.${namespace}",code="200"\\} [1-9]`,
        'm',
      ),
    },
    {
      ...{ command: 'Prometheus', method: 'GET', path: '/metrics', status: 200 },
      text: new RegExp(`^gateway_service_count\\{function_name="says.${namespace}"\\} \\d`, 'm'),
    },
    { ...scaled(-1), status: 400, text: /replicas: / },
    { ...scaled(1), path: pathIn(place, '/system/scale-function/nobody'), status: 404 },
  ]
}

/** Takes them away again. */
export const remove = (place: Place): Step[] => {
  const removing = { command: 'faas-cli remove', method: 'DELETE', path: all(place) }
  const name = (of: string) => `{"functionName":"${of}"${inBody(place)}}`
  return [
    { ...removing, body: name('says'), status: 202, text: '' },
    { ...removing, body: name('says'), status: 404 },
    { ...removing, body: name('ingest'), status: 202 },
    { ...removing, body: '', status: 400 },
    { ...removing, body: '{"functionName":""}', status: 400 },
    { command: 'faas-cli describe', method: 'GET', path: one(place, 'says'), status: 404, text: '' },
    {
      ...{ command: 'faas-cli invoke', method: 'POST', path: `/function/says.${place.namespace}` },
      ...{ body: '', status: 404 },
    },
  ]
}
