import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { functionNames, sourceFiles } from './sources.ts'

/** What esbuild says went into a bundle: each file with the files and packages it imports. */
interface Metafile {
  inputs: Record<string, { imports: { path: string; external?: boolean; original?: string }[] }>
}

const metafile = (path: string): Metafile => JSON.parse(readFileSync(path, 'utf8'))

/** Imports of the project's own files, as pairs [importer, imported]; a package is named `npm:<name>`. */
function imports(meta: Metafile): [string, string][] {
  return Object.entries(meta.inputs)
    .filter(([file]) => !file.includes('node_modules') && !file.startsWith('<'))
    .flatMap(([file, { imports }]) =>
      imports.map(({ path, original, external }): [string, string] => [
        file,
        packageName(path) ?? packageOf(original ?? (external ? path : undefined)) ?? path,
      ]),
    )
}

const packageName = (path: string) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]?.replace(/^/, 'npm:')
const packageOf = (original?: string) =>
  original && !/^[.#/]|^node:/.test(original)
    ? `npm:${original.split('/', original.startsWith('@') ? 2 : 1).join('/')}`
    : undefined

/** Pairs that no rule allows, as readable lines. */
const forbidden = (pairs: [string, string][], allowed: (importer: string, imported: string) => boolean) =>
  pairs.filter(([importer, imported]) => !allowed(importer, imported)).map((pair) => pair.join(' imports '))

const isBuiltin = (path: string) =>
  /^(node:|fs|path|http|crypto|zlib|stream|os|util|events|net|tls|buffer|url|dns|child_process)/.test(path)

describe.each(functionNames())('what ships in %s', (name) => {
  const pairs = imports(metafile(`dist/functions/${name}/meta.json`))
  const own = `functions/${name}/`

  it('comes from its own folder, contracts, the wrapper and state helpers alone', () => {
    const faults = forbidden(
      // entry.ts is what the build puts in front of a handler.
      pairs.filter(([importer]) => importer.startsWith('functions/') && !importer.endsWith('/entry.ts')),
      (importer, imported) =>
        importer.startsWith(own) &&
        (imported.startsWith(own) ||
          imported.startsWith('shared/contracts/') ||
          imported.startsWith('models/') ||
          /^shared\/function\/(define|errors|json|classify)\.ts$/.test(imported) ||
          /^shared\/state\/(sql|upsert|views\/.*)\.ts$/.test(imported) ||
          ['npm:hono', 'npm:@hono/node-server', 'npm:zod'].includes(imported) ||
          isBuiltin(imported)),
    )
    expect(faults).toEqual([])
  })

  it('has models that know contracts and datasets alone, and run by one file', () => {
    expect(
      forbidden(
        pairs.filter(([importer]) => importer.startsWith('models/')),
        (importer, imported) =>
          /^(models|shared\/contracts|shared\/dataset)\//.test(imported) ||
          imported === 'shared/state/sql.ts' ||
          imported === 'npm:zod' ||
          isBuiltin(imported) ||
          (imported === 'npm:onnxruntime-node' && importer === 'models/onnx/session.ts'),
      ),
    ).toEqual([])
    expect(
      forbidden(
        pairs,
        (importer, imported) => imported !== 'npm:onnxruntime-node' || importer === 'models/onnx/session.ts',
      ),
    ).toEqual([])
  })

  it('has contracts that import zod alone', () => {
    expect(
      forbidden(
        pairs.filter(([importer]) => importer.startsWith('shared/contracts/')),
        (_importer, imported) => imported === 'npm:zod' || imported.startsWith('shared/contracts/'),
      ),
    ).toEqual([])
  })

  it('has one composition root', () => {
    expect(
      forbidden(
        pairs,
        (importer, imported) => imported !== 'shared/config.ts' || importer === 'shared/function/serve.ts',
      ),
    ).toEqual([])
    expect(forbidden(pairs, (_importer, imported) => !/^(runtime|demo)\//.test(imported))).toEqual([])
  })

  it('has vendor clients in their drivers only', () => {
    expect(
      forbidden(pairs, (importer, imported) => imported !== 'npm:pg' || importer === 'shared/state/database.ts'),
    ).toEqual([])
    // Those of brokers lie beside the bundle, and are loaded only where BUS_URL names one.
    expect(forbidden(pairs, (_importer, imported) => !/^npm:(kafkajs|@nats-io\/)/.test(imported))).toEqual([])
  })
})

describe('the runtime', () => {
  it('imports no function', () => {
    const pairs = imports(metafile('dist/runtime/meta.json'))
    expect(forbidden(pairs, (_importer, imported) => !imported.startsWith('functions/'))).toEqual([])
  })
})

describe('the sources', () => {
  const files = sourceFiles()

  it('are there', () => {
    expect(files.length).toBeGreaterThan(100)
  })

  it('have no file over 300 lines', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 301)
    expect(long).toEqual([])
  })

  it('read the environment in shared/config.ts alone, but for the watchdog, whose environment is its program’s', () => {
    const product = files.filter(
      (file) => /^(functions|shared|models|runtime|demo)\//.test(file) && !file.includes('.test.'),
    )
    const readers = product.filter((file) => /process\.env/.test(readFileSync(file, 'utf8')))
    expect(readers.sort()).toEqual(['runtime/watchdog/main.ts', 'shared/config.ts'])
  })

  it('import the client of a broker in its driver alone', () => {
    const product = files.filter((file) => /^(functions|shared|models|runtime|demo|dashboard)\//.test(file))
    const importing = (client: RegExp) => product.filter((file) => client.test(readFileSync(file, 'utf8')))
    expect(importing(/from 'kafkajs'/).filter((file) => !/^shared\/bus\/kafka/.test(file))).toEqual([])
    expect(importing(/from '@nats-io\//).filter((file) => !/^shared\/bus\/nats/.test(file))).toEqual([])
  })

  it('ask for the real time nowhere in functions/', () => {
    const askers = files.filter(
      (file) =>
        file.startsWith('functions/') &&
        !file.includes('.test.') &&
        /Date\.now\(|new Date\(\)/.test(readFileSync(file, 'utf8')),
    )
    expect(askers).toEqual([])
  })
})
