import { jest } from './prepare.js'

jest('--config', 'jest.images.config.js', '--runInBand', ...process.argv.slice(2))
