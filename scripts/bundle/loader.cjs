// Starts a bundled function from V8's code cache, which saves most of the compiling at a cold start. A cache of another
// Node.js is refused by V8 and compiled anew.
const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const filename = join(__dirname, 'function.js')
const cache = join(__dirname, 'function.cache')
const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`,
  { filename, cachedData: existsSync(cache) ? readFileSync(cache) : undefined },
)
script.runInThisContext()(exports, require, module, filename, __dirname)
