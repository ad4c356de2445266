import { copyFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { bundleAssets } from './assets.js'
import { bundleDrivers } from './drivers.js'
import { bundleFunction, warmCache } from './function.js'
import { namesIn } from './options.js'
import { copyPackages } from './packages.js'
import { sbomOf } from './sbom.js'

// Run by template/node-ts/Dockerfile: makes the folder that an image holds, by the code that builds functions locally.

const [folder, out] = process.argv.slice(2)
const { NATIVE, ASSETS } = process.env
const root = process.cwd()
const place = resolve(root, out)
const drivers = await bundleDrivers(root, join(root, 'drivers'))
const native = namesIn(NATIVE)
const { packages, apart } = await bundleFunction({ root, folder, out: place, drivers, native })
const pages = await bundleAssets({ root, folder, assets: namesIn(ASSETS), out: join(place, 'assets') })
await copyPackages(root, apart, place)
await warmCache(place)
await copyFile(join(root, 'LICENSE'), join(place, 'LICENSE'))
const sbom = await sbomOf(root, new Set([...packages, ...pages]))
await writeFile(join(place, 'sbom.cdx.json'), `${JSON.stringify(sbom, undefined, 2)}\n`)
