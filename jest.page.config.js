import config from './jest.config.js'

/** The tests of `npm run test:page`: a browser before a real runtime. */
export default {
  ...config,
  testMatch: ['<rootDir>/test/page/*.page.ts'],
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 600_000,
}
