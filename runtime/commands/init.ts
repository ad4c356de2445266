import { openDataFolder } from '../up/data-folder.ts'

/** Makes what is missing of a data folder, its secrets above all, for those who must know one before the first start. */
export const init = async (data: string): Promise<string> => {
  const { path, secrets } = await openDataFolder(data)
  return `${path} is there, its secrets in ${secrets}`
}
