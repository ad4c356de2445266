import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { needTools, run } from './tools.ts'

/** A certificate authority of a test and one key and certificate of it, good for 127.0.0.1 and localhost; PEM. */
export interface Certificates {
  ca: string
  cert: string
  key: string
}

/** Makes an authority and a certificate in a folder; `days` may be 0: expired at once. */
export async function makeCertificates(folder: string, days = 2): Promise<Certificates> {
  await needTools({ openssl: 'openssl' })
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  const newKey = ['-newkey', 'rsa:2048', '-nodes']
  await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test ca')
  await openssl('req', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost')
  await writeFile(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  const ca = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  await openssl(
    'x509',
    '-req',
    '-in',
    'request.pem',
    ...ca,
    '-days',
    `${days}`,
    '-extfile',
    'names',
    '-out',
    'cert.pem',
  )
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  return { ca: await read('ca.pem'), cert: await read('cert.pem'), key: await read('key.pem') }
}
