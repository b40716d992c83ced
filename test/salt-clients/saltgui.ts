/** The SaltGUI web page in a browser: logging in, minions, accepting a key, a highstate, events. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Chromium } from './chromium.ts'
import type { Report } from './report.ts'
import { expectThat } from './report.ts'
import { type Site, user } from './site.ts'

const text = (selector: string): string =>
  `(document.querySelector(${JSON.stringify(selector)})?.innerText ?? '')`
const click = (selector: string): string => `document.querySelector(${JSON.stringify(selector)}).click()`
const type = (selector: string, value: string): string =>
  `(() => { const field = document.querySelector(${JSON.stringify(selector)}); field.value = ${JSON.stringify(value)};
    field.dispatchEvent(new Event('input', { bubbles: true })); field.dispatchEvent(new Event('change', { bubbles: true })) })()`

/** Pages, and what each has to show of what the site was given. */
const pages = [
  ['grains', /one accepted .*\d+ grains/],
  ['jobs', /state\.highstate/],
  ['nodegroups', /greeters — 1 minion/],
  ['issues', /Description/],
  ['mine', /one accepted 2 functions/],
  ['schedules', /one accepted 1 schedule/],
  ['pillars', /one accepted 2 pillars/],
  ['beacons', /one accepted 1 beacon/],
  ['templates', /greets everybody/],
  // With more than one SLS, SaltGUI's page of orchestrations fails by itself: it sorts pairs as text.
  ['reactors', /myco\/deployed/],
  ['options', /session_user.* operator/],
] as const
/** The same, of one minion. */
const pagesOfOne = [
  ['grains-minion', /Debian/],
  ['mine-minion', /test\.version/],
  ['schedules-minion', /ping/],
  ['pillars-minion', /release/],
  ['beacons-minion', /load/],
] as const

export async function trySaltGui(site: Site, folder: string, report: Report): Promise<void> {
  const browser = await Chromium.start(folder)
  let pictures = 0
  const picture = async (name: string): Promise<void> => {
    // Pages fade in.
    await pause(600)
    const file = join(folder, `${String(++pictures).padStart(2, '0')}-${name}.png`)
    await browser.screenshot(file)
  }
  /** A step, and a picture of what it came to. */
  const step = (name: string, shot: string, work: () => Promise<string | undefined>): Promise<boolean> =>
    report.step(`SaltGUI: ${name}`, async () => {
      try {
        return await work()
      } finally {
        await picture(shot)
      }
    })
  try {
    if (!(await step('logging in', 'login', () => login(browser, site)))) return
    await step('listing minions', 'minions', () => minions(browser))
    await step('accepting a key', 'keys', () => acceptKey(browser))
    await step('running a highstate', 'highstate', () => highstate(browser))
    await step('the page of the job', 'job', () => jobPage(browser))
    await step('the page of highstates', 'highstates', () => highstatePage(browser))
    await step('watching events', 'events', () => again(browser, 'events', () => events(browser)))
    for (const [page, shown] of pages)
      await step(`the page ${page} shows ${shown}, and no error`, page, () => quietPage(browser, page, shown))
    for (const [page, shown] of pagesOfOne)
      await step(`the page ${page} shows ${shown}, and no error`, page, () =>
        quietPage(browser, page, shown, `${site.url}/?minionid=one`),
      )
    await step('logging out', 'logout', () => logout(browser))
    for (const complaint of new Set(browser.complaints))
      report.note(`the browser: ${complaint.slice(0, 300)}`)
  } finally {
    await browser.stop()
  }
}

async function login(browser: Chromium, site: Site): Promise<string> {
  await browser.go(site.url)
  await browser.until(
    'the form is there',
    "document.querySelector('#username') && document.querySelector('#password')",
  )
  await browser.until(
    'ways to log in are offered',
    "[...(document.querySelector('form select')?.options ?? [])].some((way) => way.value === 'local')",
  )
  const ways = await browser.value<string>(
    "[...document.querySelector('form select').options].map((way) => way.value).join(', ')",
  )
  await browser.value(type('#username', user.name))
  await browser.value(type('#password', user.password))
  await browser.value("document.querySelector('#login-button, form input[type=submit]').click()")
  await browser.until(
    'the minions are shown',
    "sessionStorage.getItem('token') && location.hash.startsWith('#minions')",
    20,
  )
  const cookie = await browser.value<string>('document.cookie')
  expectThat(cookie === '', 'the cookie is out of reach of scripts', cookie)
  return `ways to log in: ${ways}`
}

async function minions(browser: Chromium): Promise<string> {
  await browser.until(
    'one is there with its version and system',
    `/one/.test(${text('#minions-panel table')}) && /Debian|Linux|\\d+\\.\\d+\\.\\d+/.test(${text('#minions-panel tbody tr')})`,
  )
  return browser.value<string>(`${text('#minions-panel tbody')}.replace(/\\s+/g, ' ')`)
}

async function acceptKey(browser: Chromium): Promise<string> {
  await goTo(browser, 'keys')
  await browser.until(
    'two waits',
    `/two/.test(${text('#keys-panel tbody')}) && /unaccepted/.test(${text('#keys-panel tbody')})`,
  )
  const row =
    "[...document.querySelectorAll('#keys-panel tbody tr')].find((row) => /two/.test(row.innerText))"
  await browser.until('its fingerprint is shown', `/[0-9a-f]{4}:[0-9a-f]{4}/.test(${row}.innerText)`)
  await browser.value(
    `[...${row}.querySelectorAll('.menu-dropdown-content *')].find((item) => /^Accept.key/.test(item.textContent)).click()`,
  )
  await runCommand(browser)
  await browser.until('it is accepted', `/two/.test(${text('#popup-output')})`)
  await closePopup(browser)
  await again(browser, 'keys', () =>
    browser.until('the table says so', `${row} && /\\baccepted/.test(${row}.innerText)`),
  )
  return browser.value<string>(`${row}.innerText.replace(/\\s+/g, ' ')`)
}

async function highstate(browser: Chromium): Promise<string> {
  await goTo(browser, 'minions')
  await browser.value(
    "document.querySelector('#button-manual-run').dispatchEvent(new MouseEvent('click', { bubbles: true }))",
  )
  await browser.until(
    'the form for commands is there',
    "document.querySelector('#popup-run-command').style.display === 'block'",
  )
  await browser.value(type('#target', '*'))
  await browser.value(type('#command', 'state.highstate'))
  await runCommand(browser)
  await browser.until(
    'both minions answered',
    `/one/.test(${text('#popup-output')}) && /two/.test(${text('#popup-output')}) && /greeting/.test(${text('#popup-output')})`,
    60,
  )
  return browser.value<string>(`${text('#popup-output')}.replace(/\\s+/g, ' ').slice(0, 300)`)
}

async function jobPage(browser: Chromium): Promise<string> {
  await closePopup(browser)
  await goTo(browser, 'jobs')
  const row =
    "[...document.querySelectorAll('#jobs-panel tbody tr')].find((row) => /state.highstate/.test(row.innerText))"
  await browser.until('the job is listed', row)
  await browser.value(`${row}.click()`)
  await browser.until(
    'it is shown',
    `/greeting/.test(${text('#job-panel')}) && /succeeded/.test(${text('#job-panel')})`,
  )
  return browser.value<string>(`${text('#job-panel h1')}`)
}

async function highstatePage(browser: Chromium): Promise<string> {
  await goTo(browser, 'highstate')
  await browser.until(
    'both minions have theirs',
    `${text('#highstate-panel tbody')}.match(/state\\.highstate/g)?.length >= 2`,
  )
  return browser.value<string>(`${text('#highstate-panel tbody')}.replace(/\\s+/g, ' ')`)
}

async function events(browser: Chromium): Promise<string> {
  await goTo(browser, 'events')
  await browser.until('the page is there', "document.querySelector('#events-panel')")
  // It begins paused.
  await browser.value(
    "[...document.querySelectorAll('#events-panel .small-button, #events-panel [class*=button]')].find((button) => /\\u25b6|\\u25b7|\\u23f5|\\u2bc8/.test(button.innerText))?.click()",
  )
  await browser.value(
    `fetch('/', { method: 'POST', headers: { 'X-Auth-Token': JSON.parse(JSON.stringify(sessionStorage.getItem('token'))) },
      body: JSON.stringify({ client: 'local', tgt: 'one', fun: 'test.ping' }) })`,
  )
  await browser.until(
    'the job and its return come by',
    `/salt\\/job\\/\\d+\\/ret\\/one/.test(${text('#events-panel tbody')})`,
  )
  return browser.value<string>(`${text('#events-panel tbody')}.replace(/\\s+/g, ' ').slice(0, 200)`)
}

async function quietPage(
  browser: Chromium,
  page: string,
  expected: RegExp,
  base?: string,
): Promise<string | undefined> {
  await (base === undefined ? goTo(browser, page) : browser.go(`${base}#${page}`))
  await browser.until(
    'the page is there',
    `location.hash === '#${page}' && document.querySelector('#${page}-panel')`,
  )
  const words = `${text(`#${page}-panel`)}.replace(/\\s+/g, ' ')`
  await browser.until(`it shows ${expected}`, `${expected}.test(${words})`, 10)
  await pause(1_000)
  // Of its own options it says where they are not set.
  const shown = (await browser.value<string>(words)).replaceAll('(undefined) →', '')
  expectThat(
    !/CVE-|error|exception|undefined|offline|\b[45]\d\d\b.*(?:denied|refused|unknown)/i.test(shown),
    'no error',
    shown,
  )
  return shown.slice(0, 160)
}

async function logout(browser: Chromium): Promise<string | undefined> {
  const token = await browser.value<string>("sessionStorage.getItem('token')")
  await goTo(browser, 'logout')
  await browser.until(
    'the form for logging in is back',
    "document.querySelector('#username')?.offsetParent !== null",
  )
  const status = await browser.value<number>(
    `fetch('/minions', { headers: { 'X-Auth-Token': ${JSON.stringify(token)} } }).then(({ status }) => status)`,
  )
  expectThat(status === 401, 'the token is worth nothing any more', status)
  return undefined
}

/**
 * Once more with the page loaded anew, where Chromium gave its connections up because the machine's network changed:
 * test hosts come and go beside it, and SaltGUI opens its stream of events once for each loading.
 */
async function again<Seen>(browser: Chromium, page: string, look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look()
  } catch (error) {
    if (!browser.complaints.some((complaint) => complaint.includes('ERR_NETWORK_CHANGED'))) throw error
    await browser.value('void location.reload()')
    await pause(3_000)
    await goTo(browser, page)
    return look()
  }
}

const goTo = (browser: Chromium, page: string): Promise<void> =>
  browser.value(`void (location.hash = '#${page}')`)

async function runCommand(browser: Chromium): Promise<void> {
  await browser.until(
    'the form for commands is there',
    "document.querySelector('#popup-run-command').style.display === 'block'",
  )
  await browser.value(click('#run-command'))
}

const closePopup = (browser: Chromium): Promise<void> => browser.value(click('#cmd-close-button'))
