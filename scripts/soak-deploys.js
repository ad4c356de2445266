import { build, install, run } from './prepare.js'

install()
build('--with-tests')
run(process.execPath, ['dist/test/soak.js', 'deploys', ...process.argv.slice(2)])
