export { unruly as default } from '../unruly.ts'
