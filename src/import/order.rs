//! Parents before their children, whatever the order of the lines; and the circles that make this impossible.

/// The nodes with every parent before its children, or the circles, each from its first node upwards. A parent outside is none.
pub fn parents_first(parents: &[Option<usize>]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut children = vec![Vec::new(); parents.len()];
    for (node, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            children[*parent].push(node);
        }
    }
    let mut order = Vec::with_capacity(parents.len());
    // Depth first: a unit is mostly written in the same chunk as its children.
    let mut open: Vec<usize> = (0..parents.len()).rev().filter(|node| parents[*node].is_none()).collect();
    while let Some(node) = open.pop() {
        order.push(node);
        open.extend(children[node].iter().rev());
    }
    if order.len() == parents.len() { Ok(order) } else { Err(circles(parents)) }
}

fn circles(parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    // Which walk upwards came by first; 0: none yet.
    let mut seen = vec![0; parents.len()];
    let mut circles = Vec::new();
    for start in 0..parents.len() {
        let walk = start + 1;
        let mut node = start;
        while seen[node] == 0 {
            seen[node] = walk;
            match parents[node] {
                Some(parent) => node = parent,
                None => break,
            }
        }
        if seen[node] == walk && parents[node].is_some() {
            circles.push(circle(parents, node));
        }
    }
    circles
}

/// The circle through the node, from its smallest node upwards.
fn circle(parents: &[Option<usize>], node: usize) -> Vec<usize> {
    let up = |from: usize| std::iter::successors(parents[from], |at| parents[*at]);
    let members: Vec<usize> = std::iter::once(node).chain(up(node).take_while(|at| *at != node)).collect();
    let first = members.iter().copied().min().unwrap_or(node);
    std::iter::once(first).chain(up(first).take_while(|at| *at != first)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_first_and_siblings_keep_their_order() {
        let parents = [Some(2), Some(4), None, Some(2), Some(2)];
        assert_eq!(parents_first(&parents), Ok(vec![2, 0, 3, 4, 1]));
        assert_eq!(parents_first(&[]), Ok(vec![]));
    }

    #[test]
    fn every_circle_is_named_once() {
        // 0 hangs below a circle of 2, 1 and 3; 4 is its own parent; 5 is right.
        let parents = [Some(1), Some(3), Some(1), Some(2), Some(4), None];
        assert_eq!(parents_first(&parents), Err(vec![vec![1, 3, 2], vec![4]]));
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let parents: Vec<Option<usize>> = (0..200_000).map(|node: usize| node.checked_sub(1)).collect();
        assert_eq!(parents_first(&parents).map(|order| order.len()), Ok(200_000));
    }
}
