import { build, install, run } from './prepare.js'

install()
build()
run(process.execPath, [
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--config',
  'jest.page.config.js',
  // One city and one browser at a time: what is measured is the page, not who waits for the processor.
  '--runInBand',
  ...process.argv.slice(2),
])
