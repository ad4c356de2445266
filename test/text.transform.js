/** For jest, what the build's text loader is for the bundles: a file as a string. */
export default {
  process: (text, _path, { supportsStaticESM }) => ({
    code: `${supportsStaticESM ? 'export default' : 'module.exports ='} ${JSON.stringify(text)}`,
  }),
}
