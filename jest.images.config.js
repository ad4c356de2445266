import config from './jest.config.js'

/** The tests of `npm run test:images`: images built and started beside a real PostgreSQL. */
export default {
  ...config,
  testMatch: ['<rootDir>/test/images/*.image.ts'],
  // The first run gets the base image and the packages.
  testTimeout: 1_200_000,
}
