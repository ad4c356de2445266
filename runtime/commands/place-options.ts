import { Option } from 'commander'
import { httpUrl } from '../arguments.ts'

/** The data folder of a runtime. */
export const dataOption = () => new Option('--data <dir>', 'data folder').default('.junction')

/** A gateway that the connector alone stands beside, in the place of a data folder. */
export const besideOption = () =>
  new Option(
    '--gateway <url>',
    'beside this gateway, by the environment of "junction connector", not in a data folder',
  ).argParser(httpUrl)

/** A list of functions in the place of a gateway. */
export const listOption = () =>
  new Option('--functions <file>', 'the same where a list of the functions is in place of a gateway').conflicts(
    'gateway',
  )

/** A result as one JSON document. */
export const jsonOption = () => new Option('--json', 'print JSON')
