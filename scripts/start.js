import { build, install } from './prepare.js'

install()
build()
// Said here and nowhere else: everybody on this machine may call.
process.env.AUTH_MODE ??= 'dev'
process.argv.splice(2, 0, 'up', '--demo')
await import('../dist/runtime/cli.js')
