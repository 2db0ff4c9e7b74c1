//! Reads the XML of query answers: names, texts and what lies in what; attributes and name spaces
//! say nothing there.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// An element with its text and what lies in it.
#[derive(Default)]
pub(super) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Returns the outermost element; none where the text is no XML.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        // What is open, outermost first; below them all lies the document.
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => open.push(Self::named(start.local_name().as_ref())),
                Event::Empty(start) => {
                    let child = Self::named(start.local_name().as_ref());
                    open.last_mut()?.children.push(child);
                }
                Event::End(_) => {
                    let child = open.pop()?;
                    open.last_mut()?.children.push(child);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(entity) => {
                    let here = open.last_mut()?;
                    match entity.resolve_char_ref().ok()? {
                        Some(character) => here.text.push(character),
                        None => here.text.push_str(resolve_predefined_entity(&entity)?),
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        // An answer that breaks off leaves elements open.
        let [document] = open.as_mut_slice() else {
            return None;
        };
        document.children.pop()
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Returns every element at the end of a path below this one, such as `["Errors", "Error"]`.
    pub(super) fn all<'a>(&'a self, path: &[&str]) -> Vec<&'a Self> {
        let mut found = vec![self];
        for name in path {
            let below = found.iter().flat_map(|it| &it.children);
            found = below.filter(|it| it.name == *name).collect();
        }
        found
    }

    /// Returns the text at the end of a path; none where there is no such element.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        self.all(path).first().map(|it| it.text.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn texts_are_found_by_their_path() {
        let text = "<?xml version=\"1.0\"?>\n<Response xmlns=\"urn:a\"><Errors><Error><Code>A</Code>\
                    <Message>a &lt;b&gt; &#38; c</Message></Error></Errors><RequestID>1</RequestID>\
                    <Empty/></Response>";
        let read = Element::read(text).unwrap();
        assert_eq!(read.text(&["Errors", "Error", "Code"]), Some("A"));
        assert_eq!(
            read.text(&["Errors", "Error", "Message"]),
            Some("a <b> & c")
        );
        assert_eq!(read.text(&["RequestID"]), Some("1"));
        assert_eq!(read.text(&["Empty"]), Some(""));
        assert_eq!(read.text(&["Code"]), None);
    }

    #[test]
    fn half_an_answer_is_none() {
        assert!(Element::read("<Response><Errors>").is_none());
        assert!(Element::read("no XML").is_none());
        assert!(Element::read("").is_none());
    }
}
