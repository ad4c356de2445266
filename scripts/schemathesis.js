import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.js'
import { run } from './prepare.js'

/** With these versions the same seed makes the same requests. */
const PACKAGES = ['schemathesis==4.32.5', 'hypothesis==6.170.15']

/** The command of schemathesis, in a Python environment of its own outside the project; made at the first call. */
export function schemathesis() {
  const python = ['python3', 'python'].find((name) => isNewEnough(name))
  if (python === undefined) {
    console.error(
      'test:api needs Python 3.10 or newer with venv: apt-get install python3 python3-venv, or brew install python',
    )
    process.exit(1)
  }
  const folder = join(cacheFolder, PACKAGES.join('+').replaceAll('==', '-'))
  const complete = join(folder, 'complete')
  if (!existsSync(complete)) {
    console.log(`installing ${PACKAGES.join(' and ')} from PyPI`)
    rmSync(folder, { recursive: true, force: true })
    run(python, ['-m', 'venv', folder])
    run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES])
    writeFileSync(complete, '')
  }
  return join(folder, 'bin/st')
}

function isNewEnough(python) {
  return spawnSync(python, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))']).status === 0
}
