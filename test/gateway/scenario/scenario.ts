import { deploy, refusals, remove, use } from './functions.ts'
import { first, keepNamespace, makeNamespace, makeSecrets, readLogs, removeNamespace, removeSecrets } from './others.ts'
import type { Place, Step } from './step.ts'

/** Everything faas-cli asks of a gateway, in one order that leaves nothing behind, in all three places. */
export const scenario = (): Step[] => [
  ...first,
  ...inPlace({ namespace: 'openfaas-fn', said: 'nowhere' }),
  ...makeNamespace('dev'),
  ...inPlace({ namespace: 'dev', said: 'query' }),
  ...inPlace({ namespace: 'dev', said: 'body' }),
  ...removeNamespace('dev'),
]

const inPlace = (place: Place): Step[] => [
  ...makeSecrets(place),
  ...deploy(place),
  ...refusals(place),
  ...use(place),
  ...readLogs(place),
  ...(place.namespace === 'openfaas-fn' ? [] : keepNamespace(place.namespace)),
  ...remove(place),
  ...removeSecrets(place),
]

/** Who is let in, and what the others are told. */
export const signIn = (right: string): Step[] => {
  const list = { command: 'faas-cli login', method: 'GET', path: '/system/functions' }
  const refused = { status: 401, answerHeaders: { 'www-authenticate': /^Basic realm="Restricted"/ } }
  return [
    { ...list, headers: { authorization: right }, status: 200 },
    { ...list, headers: { authorization: `Basic ${btoa('admin:wrong')}` }, ...refused, text: /invalid credentials/ },
    { ...list, headers: { authorization: 'Bearer ' }, ...refused },
    {
      ...list,
      command: 'faas-cli deploy',
      method: 'PUT',
      headers: { authorization: 'Bearer ' },
      body: '{}',
      ...refused,
    },
  ]
}
