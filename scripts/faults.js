import { build, install, run } from './prepare.js'

install()
build('--with-tests')
run(process.execPath, ['dist/test/faults.js', ...process.argv.slice(2)])
