/** Unit tests stand beside the code; whatever has a process or a port is in test/. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } }],
  },
  testMatch: ['<rootDir>/{functions,shared,models,runtime,demo,dashboard,test}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.junction/'],
  globalSetup: '<rootDir>/test/postgres.setup.js',
  globalTeardown: '<rootDir>/test/postgres.teardown.js',
  testTimeout: 120_000,
}
