/** Text that means nothing, for trying layouts. */
import { checkRepeated } from './limits.ts'
import { type CallContext, Markup, type RuntimeValue } from './values.ts'

const words =
  'a ac accumsan ad aenean aliquam aliquet amet ante arcu at auctor augue bibendum blandit class commodo condimentum congue cras curae cursus dapibus diam dictum dis dolor donec dui duis egestas eget eleifend elit enim erat eros est et etiam eu euismod facilisi fames felis fermentum feugiat fringilla fusce gravida habitant hac hendrerit iaculis id imperdiet in inceptos integer ipsum justo lacinia lacus laoreet lectus leo libero ligula litora lobortis lorem luctus maecenas magna magnis malesuada massa mattis mauris metus mi molestie mollis montes morbi mus nam nascetur natoque nec neque netus nibh nisi nisl non nostra nulla nunc odio orci ornare parturient pede pellentesque penatibus per pharetra phasellus placerat porta porttitor posuere potenti praesent pretium primis proin pulvinar purus quam quis quisque rhoncus ridiculus risus rutrum sagittis sapien scelerisque sed sem semper senectus sit sociis sodales sollicitudin suscipit suspendisse taciti tellus tempor tempus tincidunt torquent tortor tristique turpis ullamcorper ultrices ultricies urna ut varius vehicula vel velit venenatis vestibulum vitae vivamus viverra volutpat vulputate'.split(
    ' ',
  )

export function lipsum(
  context: CallContext,
  options: { paragraphs: number; html: boolean; least: number; most: number },
): RuntimeValue {
  checkRepeated(options.paragraphs * Math.max(1, options.most) * 12)
  const pick = (count: number): number => Math.floor(context.ports.random() * count)
  const paragraphs = Array.from({ length: Math.max(0, options.paragraphs) }, () => {
    const length = options.least + pick(Math.max(1, options.most - options.least))
    const chosen = Array.from({ length }, () => words[pick(words.length)] ?? '')
    const text = chosen
      .map((word, index) => word + (index % 12 === 11 ? '.' : index % 5 === 4 ? ',' : ''))
      .join(' ')
    const sentences = text.replace(
      /(^|\. )(\w)/g,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    )
    return `${sentences.replace(/[.,]$/, '')}.`
  })
  if (!options.html) return paragraphs.join('\n\n')
  return new Markup(paragraphs.map((text) => `<p>${text}</p>`).join('\n'))
}
