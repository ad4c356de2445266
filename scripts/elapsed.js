// A line that says how long something has been going on, over and over on one line of a terminal; a process of its own,
// because who waits here waits in spawnSync. It ends with its parent.
const [what] = process.argv.slice(2)
const began = performance.now()
const draw = () => process.stdout.write(`\r\x1b[K${what}  ${Math.round((performance.now() - began) / 1000)} s`)
const timer = setInterval(draw, 1000)
draw()
process.stdin.on('end', () => {
  clearInterval(timer)
  process.stdout.write('\r\x1b[K')
})
process.stdin.resume()
