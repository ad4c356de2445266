import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { needTools, run } from './tools.ts'

/** A certificate authority of a test and one key and certificate of it, good for 127.0.0.1 and localhost; PEM. */
export interface Certificates {
  ca: string
  cert: string
  key: string
  /** Puts another certificate of the key into the folder's files; whoever serves it must read them anew. */
  sign(validity: 'good' | 'expired'): Promise<void>
}

const DAYS = { good: '2', expired: '-1' }

/** Makes an authority and a certificate in a folder; `broker.pem` is key and certificate in one. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  await needTools({ openssl: 'openssl' })
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  const newKey = ['-newkey', 'rsa:2048', '-nodes']
  await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test ca')
  await openssl('req', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost')
  await writeFile(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost')

  async function sign(validity: keyof typeof DAYS): Promise<void> {
    const ca = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', DAYS[validity]]
    await openssl('x509', '-req', '-in', 'request.pem', ...ca, '-extfile', 'names', '-out', 'cert.pem')
    await writeFile(join(folder, 'broker.pem'), (await read('key.pem')) + (await read('cert.pem')))
  }
  await sign('good')
  return { ca: await read('ca.pem'), cert: await read('cert.pem'), key: await read('key.pem'), sign }
}
