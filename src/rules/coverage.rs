//! Whether gates that hold under conditions hold under all of them.

use crate::{
    evaluate::effect::{Guard, Guards, Mark, Registration},
    routes::Arms,
};

/// Cases looked at before giving up; a registration whose gates depend on more is not covered.
const BUDGET: u32 = 4_096;

/// The marks that can hold when `registration` does.
pub fn possible<'m>(registration: &Registration, marks: &[&'m Mark]) -> Vec<&'m Mark> {
    marks.iter().copied().filter(|mark| !mark.guards.excludes(&registration.guards)).collect()
}

/// Whether at least one of `marks` holds in every configuration in which `registration` does.
///
/// Marks that hold in different arms cover together when all arms of the condition are covered.
pub fn covers(registration: &Registration, marks: &[&Mark], arms: &Arms) -> bool {
    let guards: Vec<&Guards> = marks.iter().map(|mark| &mark.guards).collect();
    exhaust(&registration.guards, &guards, arms, &mut BUDGET.clone())
}

fn exhaust(base: &Guards, marks: &[&Guards], arms: &Arms, budget: &mut u32) -> bool {
    let possible: Vec<&Guards> =
        marks.iter().copied().filter(|guards| !guards.excludes(base)).collect();
    if possible.iter().any(|guards| base.and(guards).as_ref() == Some(base)) {
        return true;
    }
    let open = possible
        .iter()
        .flat_map(|guards| guards.iter())
        .find(|guard| !base.iter().any(|decided| decided.condition == guard.condition));
    let Some(open) = open else { return false };
    (0..arms.of(open.condition)).all(|arm| {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        base.with(Guard { condition: open.condition, arm })
            .is_some_and(|base| exhaust(&base, &possible, arms, budget))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guards(choices: &[(u32, u16)]) -> Guards {
        let choices =
            choices.iter().map(|(condition, arm)| Guard { condition: *condition, arm: *arm });
        choices.fold(Guards::default(), |all, guard| all.with(guard).unwrap())
    }

    fn check(base: &[(u32, u16)], marks: &[&[(u32, u16)]]) -> bool {
        let marks: Vec<Guards> = marks.iter().map(|mark| guards(mark)).collect();
        let mut arms = Arms::default();
        arms.raise(9, 3);
        exhaust(&guards(base), &marks.iter().collect::<Vec<_>>(), &arms, &mut BUDGET.clone())
    }

    #[test]
    fn every_arm_must_be_covered() {
        assert!(check(&[], &[&[]]));
        assert!(!check(&[], &[]));
        assert!(!check(&[], &[&[(1, 0)]]));
        assert!(check(&[(1, 0)], &[&[(1, 0)]]));
        assert!(!check(&[(1, 1)], &[&[(1, 0)]]));
        assert!(check(&[], &[&[(1, 0)], &[(1, 1)]]));
        assert!(!check(&[], &[&[(1, 0)], &[(2, 1)]]));
        assert!(check(&[], &[&[(1, 0), (2, 0)], &[(1, 0), (2, 1)], &[(1, 1)]]));
    }

    #[test]
    fn two_arms_of_three_are_not_all() {
        assert!(!check(&[], &[&[(9, 0)], &[(9, 1)]]));
        assert!(check(&[], &[&[(9, 0)], &[(9, 1)], &[(9, 2)]]));
    }

    #[test]
    fn too_many_conditions_are_not_covered() {
        let marks: Vec<Vec<(u32, u16)>> = (10..40).map(|condition| vec![(condition, 0)]).collect();
        let marks: Vec<&[(u32, u16)]> = marks.iter().map(Vec::as_slice).collect();
        assert!(!check(&[], &marks));
    }
}
