import { build, install, run } from './prepare.js'

install()
build('--with-tests')
run(process.execPath, [
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  ...process.argv.slice(2),
])
