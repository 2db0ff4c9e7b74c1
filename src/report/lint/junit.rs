//! JUnit XML: a suite for each file, a case for each finding; a file without any passes.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Report;
use crate::finding::Finding;
use crate::report::text::visible;
use crate::source::FileId;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut bytes = Vec::new();
    let mut writer = Writer::new_with_indent(&mut bytes, b' ', 2);
    // Writing into memory does not fail.
    let _ = write(&mut writer, report);
    let mut text = String::from_utf8(bytes).unwrap_or_default();
    text.push('\n');
    text
}

fn write(writer: &mut Writer<&mut Vec<u8>>, report: &Report<'_>) -> std::io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all: Vec<&Finding> = report.all().collect();
    let total = all.len().to_string();
    let suites = writer.create_element("testsuites").with_attributes([
        ("name", "rolecall"),
        ("tests", &total),
        ("failures", &total),
    ]);
    suites.write_inner_content(|writer| {
        let looked_at = |file: FileId| {
            report.paths.contains_key(&file)
                || all.iter().any(|it| it.primary.location.file == file)
        };
        for (file, source) in report.sources.iter().filter(|(file, _)| looked_at(*file)) {
            let own = all.iter().filter(|it| it.primary.location.file == file);
            let own: Vec<&&Finding> = own.collect();
            let tests = own.len().max(1).to_string();
            let failures = own.len().to_string();
            let name = super::file_name(&source.name);
            writer
                .create_element("testsuite")
                .with_attributes([
                    ("name", name.as_str()),
                    ("tests", &tests),
                    ("failures", &failures),
                ])
                .write_inner_content(|writer| {
                    if own.is_empty() {
                        let case = [("name", "no findings"), ("classname", name.as_str())];
                        writer
                            .create_element("testcase")
                            .with_attributes(case)
                            .write_empty()?;
                    }
                    for finding in own {
                        case(writer, report, finding, &name)?;
                    }
                    Ok(())
                })?;
        }
        Ok(())
    })?;
    Ok(())
}

fn case(
    writer: &mut Writer<&mut Vec<u8>>,
    report: &Report<'_>,
    finding: &Finding,
    file: &str,
) -> std::io::Result<()> {
    let place = report.place(finding);
    let line = place.start.line.to_string();
    let message = visible(&finding.message);
    let text = format!(
        "{file}:{}:{}: {}[{}] {message}; {}; {}",
        place.start.line,
        place.start.column,
        finding.finding_type.as_str(),
        finding.rule,
        visible(&finding.why),
        visible(&finding.help)
    );
    writer
        .create_element("testcase")
        .with_attributes([
            ("name", finding.rule),
            ("classname", file),
            ("file", file),
            ("line", &line),
        ])
        .write_inner_content(|writer| {
            writer
                .create_element("failure")
                .with_attributes([
                    ("type", finding.finding_type.as_str()),
                    ("message", &message),
                ])
                .write_text_content(BytesText::new(&text))?;
            Ok(())
        })?;
    Ok(())
}
