import { build, install, run } from './prepare.js'

install()
build('--with-tests')
run(process.execPath, ['dist/test/accuracy.js', ...process.argv.slice(2)])
