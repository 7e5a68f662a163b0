import { useMemo, useState } from 'react'
import { broadcastMinutesRange, fontSizeRange, scrollbackRange } from '../../src-shared/models/preferences'
import { terminalFontFamily } from '../consoles/terminal'
import { usePreferences } from '../frame/preferences'
import { Field, NumberStepper, Switch, TextInput } from '../ui'
import { Select } from '../ui/Select'
import { isInstalled, refusedFont, terminalFonts } from './fonts'

const usual = 'usual'
const own = 'own'

const sample = `root@web-07:~# xl list
Name          ID   Mem VCPUs State  Time(s)
Domain-0       0  2048     4 r-----  4102.5
web-07        12   512     2 -b----    18.3`

/** Fonts and scrollback of the terminals, and how long a broadcast lasts. */
export function ConsolesPart() {
  const { terminalFont, terminalFontSize, scrollbackLines, copyOnSelect, broadcastMinutes, change } = usePreferences()
  const installed = useMemo(() => terminalFonts.filter((font) => isInstalled(font)), [])
  const isListed = terminalFont === '' || installed.some((font) => font === terminalFont)
  const [writesOwn, setWritesOwn] = useState(!isListed)
  const isOwn = writesOwn || !isListed
  return (
    <div className="set-f">
      <Field label="Font">
        <div className="set-w">
          <Select
            label="Font of consoles"
            value={isOwn ? own : terminalFont || usual}
            options={[
              { value: usual, label: 'Usual font of the system' },
              ...installed.map((font) => ({ value: font as string, label: font })),
              { value: own, label: 'Another one' },
            ]}
            onChange={(value) => {
              setWritesOwn(value === own)
              if (value !== own) change({ terminalFont: value === usual ? '' : value })
            }}
          />
        </div>
      </Field>
      {isOwn && <OwnFont />}
      <Field label="Size">
        <NumberStepper
          label="Size of the font"
          unit="px"
          value={terminalFontSize}
          {...fontSizeRange}
          onChange={(value) => change({ terminalFontSize: value })}
        />
      </Field>
      <Field label="Scrollback" help="Lines that each console keeps above what it shows. Many panes with many lines take memory.">
        <NumberStepper
          label="Scrollback"
          unit="lines"
          width={148}
          value={scrollbackLines}
          {...scrollbackRange}
          step={100}
          onChange={(value) => change({ scrollbackLines: value })}
        />
      </Field>
      <Field label="Selection" help="The middle button pastes what was selected last, with or without this.">
        <Switch checked={copyOnSelect} onChange={(on) => change({ copyOnSelect: on })}>
          Copy what is selected at once
        </Switch>
      </Field>
      <Field label="Broadcast" help="Typing into many panes at once ends by itself after so long without a key.">
        <NumberStepper
          label="Broadcast ends after"
          unit="min"
          value={broadcastMinutes}
          {...broadcastMinutesRange}
          onChange={(value) => change({ broadcastMinutes: value })}
        />
      </Field>
      <Field label="Sample">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre className="set-t" tabIndex={0} style={{ fontFamily: terminalFontFamily(terminalFont), fontSize: terminalFontSize }}>
          {sample}
        </pre>
      </Field>
    </div>
  )
}

/** The name of any other installed font; taken once it can be. */
function OwnFont() {
  const { terminalFont, change } = usePreferences()
  const [text, setText] = useState(terminalFont)
  const refusal = refusedFont(text)
  return (
    <TextInput
      label="Name"
      value={text}
      error={text.trim() === '' ? undefined : refusal}
      help={text.trim() === '' ? 'The name of a font with letters of one width, as the system lists it.' : undefined}
      onChange={(value) => {
        setText(value)
        if (refusedFont(value) === undefined) change({ terminalFont: value.trim() })
      }}
    />
  )
}
