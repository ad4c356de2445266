/** What every bundle of this project has in common. */
export const options = (root) => ({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  metafile: true,
  logLevel: 'warning',
})

/** What runs as CommonJS, which V8's code cache can hold. */
export const commonJs = { format: 'cjs', minifySyntax: true, minifyWhitespace: true }

/** The names in a build argument of stack.yml. */
export const namesIn = (argument = '') => argument.split(/[\s,]+/).filter((name) => name !== '')
