import { usePreferences } from '../frame/preferences'
import { Field, Segmented } from '../ui'

/** How the page looks. */
export function AppearancePart() {
  const { theme, uiSize, change } = usePreferences()
  return (
    <div className="set-f">
      <Field label="Theme">
        <Segmented
          label="Theme"
          value={theme}
          options={[
            { value: 'system', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          onChange={(value) => change({ theme: value })}
        />
      </Field>
      <Field label="Size of text" help="Of everything but consoles, which have a size of their own.">
        <Segmented
          label="Size of text"
          value={uiSize}
          options={[
            { value: 'normal', label: 'Normal' },
            { value: 'large', label: 'Large' },
            { value: 'larger', label: 'Larger' },
          ]}
          onChange={(value) => change({ uiSize: value })}
        />
      </Field>
    </div>
  )
}
