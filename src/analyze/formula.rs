//! Claims about a request, put together with *and* and *or*. Negation is pushed down to the claims
//! about one dimension, each of which has a complement of its own.

use super::bits::Bits;

/// A node of [`Formulas`].
pub(super) type Node = u32;

/// Which dimension of a request: its resource, its principal, a context key, …
pub(super) type Dimension = u32;

/// A claim about one dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// The value is in one of these cells; of a key, the last cell is "absent".
    In(Bits),
    /// Some element is in one of these cells.
    Some(Bits),
    /// Every element is; true without elements.
    Every(Bits),
    /// There are elements, or there are none.
    Elements(bool),
    /// There is a text and it is in this language; or not (`false`).
    Word(u32, bool),
    /// There is a text; or there is none.
    Text(bool),
}

impl Claim {
    fn complement(&self) -> Self {
        match self {
            Self::In(cells) => Self::In(cells.complement()),
            Self::Some(cells) => Self::Every(cells.complement()),
            Self::Every(cells) => Self::Some(cells.complement()),
            Self::Elements(any) => Self::Elements(!any),
            Self::Word(language, inside) => Self::Word(*language, !inside),
            Self::Text(present) => Self::Text(!present),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    True,
    False,
    Claim(Dimension, Claim),
    And(Box<[Node]>),
    Or(Box<[Node]>),
}

/// Every formula of one question.
#[derive(Debug)]
pub(super) struct Formulas {
    shapes: Vec<Shape>,
    negations: Vec<Node>,
}

pub(super) const FALSE: Node = 0;
pub(super) const TRUE: Node = 1;
const NOT_YET: Node = Node::MAX;

impl Formulas {
    pub(super) fn new() -> Self {
        Self {
            shapes: vec![Shape::False, Shape::True],
            negations: vec![TRUE, FALSE],
        }
    }

    pub(super) fn get(&self, node: Node) -> &Shape {
        &self.shapes[node as usize]
    }

    fn push(&mut self, shape: Shape) -> Node {
        self.shapes.push(shape);
        self.negations.push(NOT_YET);
        Node::try_from(self.shapes.len() - 1).unwrap_or(FALSE)
    }

    /// A claim; one that cannot fail or cannot hold is a constant.
    pub(super) fn claim(&mut self, dimension: Dimension, claim: Claim) -> Node {
        match &claim {
            Claim::In(cells) | Claim::Some(cells) if cells.is_empty() => return FALSE,
            Claim::In(cells) | Claim::Every(cells) if cells.complement().is_empty() => return TRUE,
            _ => {}
        }
        self.push(Shape::Claim(dimension, claim))
    }

    pub(super) fn and(&mut self, parts: impl IntoIterator<Item = Node>) -> Node {
        let mut kept: Vec<Node> = Vec::new();
        for part in parts {
            match part {
                TRUE => {}
                FALSE => return FALSE,
                part if kept.contains(&part) && kept.len() < 32 => {}
                part => kept.push(part),
            }
        }
        match kept.as_slice() {
            [] => TRUE,
            [only] => *only,
            _ => self.push(Shape::And(kept.into())),
        }
    }

    pub(super) fn or(&mut self, parts: impl IntoIterator<Item = Node>) -> Node {
        let mut kept: Vec<Node> = Vec::new();
        for part in parts {
            match part {
                FALSE => {}
                TRUE => return TRUE,
                part if kept.contains(&part) && kept.len() < 32 => {}
                part => kept.push(part),
            }
        }
        match kept.as_slice() {
            [] => FALSE,
            [only] => *only,
            _ => self.push(Shape::Or(kept.into())),
        }
    }

    pub(super) fn not(&mut self, node: Node) -> Node {
        let known = self.negations[node as usize];
        if known != NOT_YET {
            return known;
        }
        let negation = match self.get(node).clone() {
            Shape::True => FALSE,
            Shape::False => TRUE,
            Shape::Claim(dimension, claim) => self.claim(dimension, claim.complement()),
            Shape::And(parts) => {
                let parts: Vec<Node> = parts.iter().map(|part| self.not(*part)).collect();
                self.or(parts)
            }
            Shape::Or(parts) => {
                let parts: Vec<Node> = parts.iter().map(|part| self.not(*part)).collect();
                self.and(parts)
            }
        };
        self.negations[node as usize] = negation;
        if self.negations[negation as usize] == NOT_YET {
            self.negations[negation as usize] = node;
        }
        negation
    }

    /// `premise` brings `conclusion` with it.
    pub(super) fn implies(&mut self, premise: Node, conclusion: Node) -> Node {
        let not = self.not(premise);
        self.or([not, conclusion])
    }
}
