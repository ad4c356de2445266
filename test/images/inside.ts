/** A program that tells, from within an image, as whom it runs, where it can write and whether the code cache holds. */
export const INSIDE = `const { readFileSync, writeFileSync } = require('node:fs')
  const write = (file) => { try { writeFileSync(file, ''); return 'written' } catch (error) { return error.code } }
  const code = readFileSync('/app/function.js', 'utf8')
  const script = new (require('node:vm').Script)('(function (exports, require, module, __filename, __dirname) {' + code + '\\n})', {
    filename: '/app/function.js', cachedData: readFileSync('/app/function.cache') })
  const status = readFileSync('/proc/self/status', 'utf8')
  console.log(JSON.stringify({ pid: process.pid, ids: [process.getuid(), process.getgid(), process.getgroups()],
    written: ['/app/x', '/x', '/var/tmp/x', '/tmp/x'].map(write), rejected: script.cachedDataRejected,
    capabilities: /CapBnd:\\s*(\\w+)/.exec(status)[1], privileges: /NoNewPrivs:\\s*(\\d)/.exec(status)[1] }))`
