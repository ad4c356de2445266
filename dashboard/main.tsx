import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/layout.css'
import { App } from './app.tsx'
import { forecastFeed } from './forecast/forecast-feed.ts'
import { cityUrl } from './service.ts'
import { cityClient } from './traffic/client.ts'
import { followCity } from './traffic/follow.ts'
import { trafficStore } from './traffic/store.ts'

const client = cityClient(cityUrl, (...request) => fetch(...request))
const store = trafficStore(setTimeout, () => performance.now())
const feed = forecastFeed(client.forecasts, () => performance.now())
followCity(store, client, cityUrl('api/events'))

const page = document.getElementById('page')
if (page) createRoot(page).render(<App store={store} feed={feed} client={client} />)
