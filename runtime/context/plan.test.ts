import { describe, expect, it } from '@jest/globals'
import { readBuildPlan } from './plan.ts'

const text = `version: 1.0
configuration:
  copy: [shared, package.json]
functions:
  city:
    lang: node-ts
    handler: ./functions/city
    image: \${REGISTRY:-registry.example/junction}/city:\${TAG:-latest}
    build_args:
      ASSETS: dashboard
      COUNT: 3
`

describe('what images are built from', () => {
  it('is read as faas-cli reads it', () => {
    expect(readBuildPlan('stack.yml', text, { TAG: '7' })).toEqual({
      copy: ['shared', 'package.json'],
      functions: [
        {
          name: 'city',
          lang: 'node-ts',
          handler: './functions/city',
          image: 'registry.example/junction/city:7',
          buildArgs: { ASSETS: 'dashboard', COUNT: '3' },
        },
      ],
    })
  })

  it.each([
    ['functions: {a: {handler: ./a, image: a}}', 'stack.yml:1: function a needs "lang"'],
    ['version: 1.0', '"functions" is missing'],
    [
      'functions: {a: {lang: b, handler: ./a, image: a}}\nconfiguration: {copy: shared}',
      'configuration.copy must be a list',
    ],
  ])('is refused where it is incomplete: %s', (broken, why) => {
    expect(() => readBuildPlan('stack.yml', broken, {})).toThrow(why)
  })
})
