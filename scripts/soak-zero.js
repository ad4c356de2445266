import { build, install, run } from './prepare.js'

install()
build('--with-tests')
run(process.execPath, ['dist/test/soak.js', 'zero', ...process.argv.slice(2)])
