import { useRoute } from './route.ts'

/** The page: what is shown follows the address behind its `#`. */
export function App() {
  const route = useRoute()
  return (
    <>
      <header className="bar">
        <h1>Traffic now</h1>
      </header>
      <main>{route.view}</main>
    </>
  )
}
