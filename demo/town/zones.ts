/** Where people live and where they go to: weights of their trips by junction, those beyond the town's end included. */
export interface Zone {
  homes: number
  jobs: number
}

const zone = (homes: number, jobs: number): Zone => ({ homes, jobs })

/** The zones by their junction; at a junction not named here nobody sets out and nobody arrives. */
export const ZONES: Readonly<Record<string, Zone>> = {
  'out-w': zone(1100, 2300),
  'out-n': zone(900, 350),
  'out-ne': zone(800, 350),
  'out-e': zone(800, 600),
  'out-se': zone(600, 700),
  'out-s': zone(900, 300),
  'out-nw': zone(450, 150),
  'out-w-1': zone(150, 600),
  'out-n-1': zone(450, 150),
  'out-ne-1': zone(500, 150),
  'out-e-1': zone(400, 250),
  'out-se-1': zone(150, 700),
  'out-s-1': zone(450, 150),
  'south-west': zone(350, 80),
  'south-old': zone(300, 150),
  'south-new': zone(100, 600),
  'ring-n': zone(250, 250),
  'ring-ne': zone(350, 100),
  'ring-e': zone(300, 200),
  'ring-se': zone(200, 200),
  'ring-s': zone(100, 150),
  'ring-sw': zone(350, 150),
  'ring-w': zone(250, 250),
  'ring-nw': zone(350, 150),
  'centre-nw': zone(150, 250),
  'centre-n': zone(100, 350),
  'centre-ne': zone(150, 250),
  'centre-w': zone(120, 300),
  market: zone(80, 350),
  'centre-e': zone(120, 350),
  'centre-sw': zone(150, 200),
  'centre-s': zone(100, 250),
  'centre-se': zone(120, 250),
}

/** How many trips an hour the town makes when its rush is at its height. */
export const RUSH_TRIPS = 20_000
