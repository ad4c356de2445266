import { build, install, run } from './prepare.js'

install()
build('--with-tests')
run(process.execPath, ['dist/test/gateway.js', ...process.argv.slice(2)])
