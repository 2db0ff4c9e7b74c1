//! Prints generated policy documents as AWS prints them: elements in their usual order, two spaces
//! of indent, one value a line, and lists of one value as the value.

use serde_json::Value;

/// The usual order of elements, of documents and of statements.
const ORDER: [&str; 10] = [
    "Version",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "NotAction",
    "Resource",
    "Condition",
    "Id",
];

/// Returns a document as text, ending in a line break.
#[must_use]
pub fn text(document: &Value) -> String {
    let mut text = String::new();
    write(document, 0, &mut text);
    text.push('\n');
    text
}

/// Returns the elements of a policy document, a statement or a condition in their usual order.
#[must_use]
pub fn elements(value: &Value) -> Vec<(&str, &Value)> {
    let Some(object) = value.as_object() else {
        return Vec::new();
    };
    let place = |key: &str| {
        ORDER
            .iter()
            .position(|it| *it == key)
            .unwrap_or(ORDER.len())
    };
    let mut elements: Vec<(&str, &Value)> = object.iter().map(|(key, it)| (&**key, it)).collect();
    elements.sort_by_key(|(key, _)| (place(key), *key));
    elements
}

fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            text.push('{');
            for (at, (key, value)) in elements(value).into_iter().enumerate() {
                begin_line(at, depth, text);
                text.push_str(&Value::from(key).to_string());
                text.push_str(": ");
                write(value, depth + 1, text);
            }
            end_lines(depth, text);
            text.push('}');
        }
        Value::Array(list) if !list.is_empty() => {
            text.push('[');
            for (at, value) in list.iter().enumerate() {
                begin_line(at, depth, text);
                write(value, depth + 1, text);
            }
            end_lines(depth, text);
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn begin_line(at: usize, depth: usize, text: &mut String) {
    if at > 0 {
        text.push(',');
    }
    end_lines(depth + 1, text);
}

fn end_lines(depth: usize, text: &mut String) {
    text.push('\n');
    for _ in 0..depth {
        text.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_stand_in_their_usual_order() {
        let document = json!({"Version": "2012-10-17", "Statement": [{
            "Action": ["ec2:CreateVpc", "ec2:DeleteVpc"],
            "Condition": {"StringEquals": {"b": "1", "a": "2"}},
            "Effect": "Allow",
            "Resource": "*",
            "Sid": "Vpcs",
        }]});
        let expected = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Vpcs",
      "Effect": "Allow",
      "Action": [
        "ec2:CreateVpc",
        "ec2:DeleteVpc"
      ],
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "a": "2",
          "b": "1"
        }
      }
    }
  ]
}
"#;
        assert_eq!(text(&document), expected);
    }
}
