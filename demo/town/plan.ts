/** Metres east and north of the market square. */
export type Place = readonly [east: number, north: number]

/** What kind of road a street is: lanes a direction, speed without traffic, and what a lane carries. */
export interface RoadClass {
  lanes: number
  freeKmh: number
  /** Vehicles an hour and lane. */
  laneCapacity: number
}

/** Two directions drawn apart, two on one line, or one alone from the first place to the last. */
export type Ways = 'apart' | 'together' | 'one'

/** A street through the named junctions of the town; a place between two of them bends it. */
export interface Street {
  /** One name and class, or one for each stretch between two junctions. */
  name: string | readonly string[]
  class: RoadClass | readonly RoadClass[]
  ways: Ways
  path: readonly (string | Place)[]
}

const country = { lanes: 1, freeKmh: 80, laneCapacity: 1500 }
const trunk = { lanes: 2, freeKmh: 80, laneCapacity: 1500 }
const ring = { lanes: 1, freeKmh: 60, laneCapacity: 1400 }
const bridge = { lanes: 1, freeKmh: 50, laneCapacity: 1250 }
const avenue = { lanes: 1, freeKmh: 50, laneCapacity: 1200 }
const lane = { lanes: 1, freeKmh: 40, laneCapacity: 900 }

/** Where the market square lies, and the time there. */
export const MARKET = { longitude: 16.78, latitude: 48.24, timeZone: 'Europe/Vienna' }

/** The junctions: the ring clockwise, the centre within it, the bridgeheads beyond the river, the ways out of town. */
export const JUNCTIONS: Readonly<Record<string, Place>> = {
  'ring-n': [-90, 1290],
  'ring-ne': [930, 1010],
  'ring-e': [1440, 190],
  'ring-se': [1090, -560],
  'ring-s': [-20, -640],
  'ring-sw': [-1090, -470],
  'ring-w': [-1500, 230],
  'ring-nw': [-1000, 1000],
  'centre-nw': [-440, 570],
  'centre-n': [-40, 640],
  'centre-ne': [400, 540],
  'centre-w': [-500, 130],
  market: [-10, 160],
  'centre-e': [460, 90],
  'centre-sw': [-430, -260],
  'centre-s': [10, -270],
  'centre-se': [420, -310],
  'south-old': [30, -1010],
  'south-new': [1250, -930],
  'south-west': [-1050, -900],
  'out-n-1': [-240, 2080],
  'out-n': [40, 3150],
  'out-ne-1': [1680, 1620],
  'out-ne': [2700, 2150],
  'out-e-1': [2420, 330],
  'out-e': [3600, 110],
  'out-se-1': [2060, -1500],
  'out-se': [3000, -2230],
  'out-s-1': [-120, -1880],
  'out-s': [210, -2900],
  'out-w-1': [-2520, 420],
  'out-w': [-3750, 190],
  'out-nw': [-1950, 1900],
}

/** The streets. */
export const STREETS: readonly Street[] = [
  {
    name: ['Nordring', 'Ostring', 'Ostring', 'Donaulände', 'Donaulände', 'Westring', 'Westring', 'Nordring'],
    class: ring,
    ways: 'apart',
    path: ['ring-n', 'ring-ne', 'ring-e', 'ring-se', 'ring-s', 'ring-sw', 'ring-w', 'ring-nw', 'ring-n'],
  },
  { name: 'Wiener Straße', class: trunk, ways: 'apart', path: ['ring-w', 'out-w-1', [-3150, 240], 'out-w'] },
  { name: 'Znaimer Straße', class: country, ways: 'apart', path: ['ring-n', 'out-n-1', [-200, 2650], 'out-n'] },
  { name: 'Marchfelder Straße', class: country, ways: 'apart', path: ['ring-ne', 'out-ne-1', [2250, 1780], 'out-ne'] },
  { name: 'Pressburger Straße', class: country, ways: 'apart', path: ['ring-e', 'out-e-1', [3000, 130], 'out-e'] },
  { name: 'Kellerbergstraße', class: country, ways: 'together', path: ['ring-nw', [-1450, 1380], 'out-nw'] },
  {
    name: ['Alte Brücke', 'Leithastraße', 'Leithastraße'],
    class: [bridge, avenue, country],
    ways: 'apart',
    path: ['ring-s', 'south-old', [-60, -1450], 'out-s-1', [-80, -2350], 'out-s'],
  },
  {
    name: ['Neue Brücke', 'Industriestraße', 'Industriestraße'],
    class: [ring, ring, country],
    ways: 'apart',
    path: ['ring-se', 'south-new', [1580, -1260], 'out-se-1', [2480, -1760], 'out-se'],
  },
  { name: 'Auweg', class: avenue, ways: 'together', path: ['south-west', [-520, -1050], 'south-old'] },
  { name: 'Hafenstraße', class: avenue, ways: 'together', path: ['south-old', [640, -1080], 'south-new'] },
  { name: 'Lindenstraße', class: avenue, ways: 'together', path: ['out-ne-1', [2280, 1010], 'out-e-1'] },
  { name: 'Rosenweg', class: avenue, ways: 'together', path: ['out-n-1', [800, 1990], 'out-ne-1'] },
  { name: 'Werkstraße', class: avenue, ways: 'together', path: ['out-s-1', [950, -1800], 'out-se-1'] },
  { name: 'Bahnhofstraße', class: avenue, ways: 'apart', path: ['ring-n', 'centre-n'] },
  { name: 'Schulgasse', class: lane, ways: 'together', path: ['centre-n', 'market', 'centre-s'] },
  { name: 'Brückenstraße', class: avenue, ways: 'apart', path: ['centre-s', 'ring-s'] },
  { name: 'Schlossallee', class: avenue, ways: 'apart', path: ['ring-w', [-1000, 120], 'centre-w'] },
  { name: 'Marktgasse', class: lane, ways: 'together', path: ['centre-w', 'market', 'centre-e'] },
  { name: 'Ungargasse', class: avenue, ways: 'apart', path: ['centre-e', [950, 70], 'ring-e'] },
  { name: 'Stadtgraben', class: lane, ways: 'one', path: ['centre-nw', 'centre-n', 'centre-ne'] },
  { name: 'Theatergasse', class: lane, ways: 'one', path: ['centre-ne', 'centre-e', 'centre-se'] },
  { name: 'Fischergasse', class: lane, ways: 'one', path: ['centre-se', 'centre-s', 'centre-sw'] },
  { name: 'Klostergasse', class: lane, ways: 'one', path: ['centre-sw', 'centre-w', 'centre-nw'] },
  { name: 'Weinberggasse', class: avenue, ways: 'together', path: ['ring-nw', [-700, 820], 'centre-nw'] },
  { name: 'Gartengasse', class: avenue, ways: 'together', path: ['ring-ne', [700, 720], 'centre-ne'] },
  { name: 'Mühlgasse', class: avenue, ways: 'together', path: ['ring-sw', [-800, -300], 'centre-sw'] },
  { name: 'Gerbergasse', class: avenue, ways: 'together', path: ['centre-se', [720, -490], 'ring-se'] },
]
