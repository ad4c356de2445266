import { spawn } from 'node:child_process'
import { build, install, root } from './prepare.js'

install()
build('--with-tests')
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js']
const checks = {
  types: ['node_modules/typescript/bin/tsc', '--noEmit'],
  'types of the page': ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'dashboard'],
  'types of its tests': ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'test/page'],
  lint: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  'dead exports': ['node_modules/knip/bin/knip.js'],
  architecture: [...jest, '--config', 'jest.check.config.js'],
}

function check(name, args) {
  return new Promise((resolve) => {
    const began = performance.now()
    let output = ''
    const child = spawn(process.execPath, args, { cwd: root })
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
      if (code !== 0) console.log(output)
      resolve(code === 0)
    })
  })
}

const results = await Promise.all(Object.entries(checks).map(([name, args]) => check(name, args)))
process.exit(results.every(Boolean) ? 0 : 1)
