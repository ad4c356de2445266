import { createRoot } from 'react-dom/client'
import './ui/tokens.css'
import './ui/layout.css'
import { App } from './app.tsx'

const page = document.getElementById('page')
if (page) createRoot(page).render(<App />)
