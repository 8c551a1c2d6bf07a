//! What the shapes of the code are held to: parameters with names of their own.

use crate::tidy::{Source, files, has_word, none};

/// The parameters of the functions of a file that are tuples: where each stands, and the function's name. What tests
/// expect may be one.
fn tuple_parameters(file: &Source) -> Vec<(usize, String)> {
    let code: Vec<(usize, &str)> =
        file.lines().map(|(at, line)| (at, line.split("//").next().unwrap_or(""))).collect();
    let mut found = Vec::new();
    for (begun, &(at, line)) in code.iter().enumerate() {
        let Some((_, rest)) = line.split_once("fn ").filter(|_| has_word(line, "fn")) else {
            continue;
        };
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // Up to the bracket that closes the parameters.
        let (mut text, mut depth) = (String::new(), 0_i32);
        let following = code[begun + 1..].iter().map(|(_, line)| *line);
        'all: for line in std::iter::once(&rest[name.len()..]).chain(following) {
            for c in line.chars() {
                depth += i32::from(c == '(') - i32::from(c == ')');
                text.push(c);
                if depth == 0 && c == ')' {
                    break 'all;
                }
            }
        }
        let text: String = text.split_whitespace().collect();
        let is_tuple = |at: &usize| {
            let rest = text[at + 1..].trim_start_matches('&');
            let rest = rest.strip_prefix("mut(").or(rest.strip_prefix('('));
            rest.is_some_and(has_several)
        };
        let behind_colon = text.match_indices(':').map(|(at, _)| at);
        if behind_colon.filter(|at| !text[at + 1..].starts_with(':')).any(|at| is_tuple(&at)) {
            found.push((at, name));
        }
    }
    found
}

/// Whether there is a comma before the bracket that closes.
fn has_several(inside: &str) -> bool {
    let mut depth = 0_i32;
    for c in inside.chars() {
        match c {
            ')' if depth == 0 => return false,
            ',' if depth == 0 => return true,
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth -= 1,
            _ => {}
        }
    }
    false
}

#[test]
fn parameters_have_names_of_their_own() {
    let mut faults = Vec::new();
    for file in files("src", "rs").iter().filter(|file| !file.is_test()) {
        let found = tuple_parameters(file);
        faults.extend(found.iter().map(|(at, name)| format!("{}:{at}: {name}", file.path)));
    }
    none("a tuple is no parameter: name its parts, or make what travels together a type", &faults);
}
