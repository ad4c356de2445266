import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Command } from 'commander'
import { commandLine } from './command-line.ts'

const paths = (command: Command, name: string[] = []): string[][] =>
  command.commands.flatMap((sub) =>
    sub.commands.length > 0 ? paths(sub, [...name, sub.name()]) : [[...name, sub.name()]],
  )

/** Runs a command line that ends before any command does. */
const run = async (...args: string[]) => {
  let text = ''
  const program = commandLine({ out: () => {}, setExitCode: () => {} })
  const quiet = (command: Command) => {
    const write = (chunk: string) => {
      text += chunk
    }
    command.exitOverride().configureOutput({ writeOut: write, writeErr: write })
    command.commands.forEach(quiet)
  }
  quiet(program)
  const error = await program.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (thrown: { exitCode: number }) => thrown,
  )
  return { text, exitCode: error?.exitCode }
}

describe('the command line', () => {
  const commands = paths(commandLine({ out: () => {}, setExitCode: () => {} }))

  it('has every command', () => {
    expect(commands.map((path) => path.join(' '))).toEqual([
      'up',
      'init',
      'status',
      'logs',
      'doctor',
      'resume',
      'redeliver',
      'down',
      'dlq ls',
      'dlq show',
      'dlq replay',
      'dlq export',
      'dlq drop',
      'device add',
      'device ls',
      'device revoke',
      'replay',
      'generate',
      'demo export',
      'network load',
      'consumer rm',
      'connector',
      'evaluate',
      'history export',
      'context',
      'migrate',
      'manifests',
      'model ls',
      'model use',
      'model rollback',
      'rollback',
      'train',
    ])
  })

  it.each(commands.map((path) => [path.join(' '), path] as const))('%s explains itself', async (name, path) => {
    const { text, exitCode } = await run(...path, '--help')
    expect(exitCode).toBe(0)
    expect(text).toContain(`Usage: junction ${name}`)
  })

  it.each([
    [['up', '--port', '0'], '1 to 65535'],
    [['up', '--speed', 'fast'], '0 or more'],
    [['up', '--from', '2012-03-01'], 'an instant with its zone'],
    [['dlq', 'replay', '--rate', '0'], 'above 0'],
    [['dlq', 'ls', '--limit', '-1'], 'from 1'],
    [['dlq', 'export'], "required option '--out <file>'"],
    [['dlq', 'drop', 'x'], "required option '--why <text>'"],
    [['generate', '--url', 'localhost:8080'], 'a URL, like http://127.0.0.1:8080'],
    [['fly'], "unknown command 'fly'"],
    [['status', '--colour'], "unknown option '--colour'"],
    [['device', 'add'], "missing required argument 'ids'"],
    [['resume'], "missing required argument 'function'"],
  ])('%j is refused', async (args, message) => {
    const { text, exitCode } = await run(...args)
    expect(text).toContain(message)
    expect(exitCode).toBe(1)
  })

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(await run('--version')).toEqual({ text: `${version}\n`, exitCode: 0 })
  })

  it('takes a rate with its unit', async () => {
    const { text } = await run('dlq', 'replay', '--rate', '50/s', '--data', '/nonexistent/junction')
    expect(text).toBe('')
  })
})
