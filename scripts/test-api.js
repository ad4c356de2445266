import { build, install, run } from './prepare.js'
import { schemathesis } from './schemathesis.js'

install()
const st = schemathesis()
build('--with-tests')
run(process.execPath, ['dist/test/api.js', st])
