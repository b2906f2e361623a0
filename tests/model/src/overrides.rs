//! Overrides stand above the circuit. Forced states absorb time.

use crate::history::{Event, Move, Order, Reason, State, after_last};
use crate::model::Model;

impl Order {
    /// What callers experience under this order.
    #[must_use]
    pub fn experienced(self, circuit: State) -> State {
        match self {
            Self::None => circuit,
            Self::ForcedOpen => State::Open,
            Self::ForcedClosed | Self::Shadow => State::Closed,
        }
    }
}

impl Model {
    /// The order that stands: as the last move left it.
    #[must_use]
    pub fn order(&self) -> Order {
        let left = self.history.iter().rev().find_map(|event| match event {
            Event::Moved { order, .. } => Some(*order),
            _ => None,
        });
        left.unwrap_or(Order::None)
    }

    /// What callers experience.
    #[must_use]
    pub fn state(&self) -> State {
        self.order().experienced(self.circuit_state())
    }

    pub(crate) fn absorbs_time(&self) -> bool {
        matches!(self.order(), Order::ForcedOpen | Order::ForcedClosed)
    }

    pub(crate) fn lets_circuit_move(&self) -> bool {
        !self.absorbs_time()
    }

    /// How many hold the circuit open: the first one, and who came and went since.
    fn holders(&self) -> usize {
        let since = after_last(&self.history, Event::is_move);
        let count = |wanted: Event| since.iter().filter(|event| **event == wanted).count();
        1 + count(Event::HolderAdded) - count(Event::HolderReleased)
    }

    /// Sets an order. One more who forces open is a holder more; the same order again changes nothing.
    pub fn set_order(&mut self, order: Order, shown: f64) -> Option<Move> {
        self.poll_all(shown);
        if order == self.order() {
            if order == Order::ForcedOpen {
                self.history.push(Event::HolderAdded);
            }
            return None;
        }
        Some(self.change_order(order))
    }

    /// One holder less; with the last one the order ends.
    pub fn release_forced_open(&mut self, shown: f64) -> Option<Move> {
        self.clock.tell(shown);
        if self.order() != Order::ForcedOpen {
            return None;
        }
        if self.holders() > 1 {
            self.history.push(Event::HolderReleased);
            return None;
        }
        Some(self.change_order(Order::None))
    }

    fn change_order(&mut self, order: Order) -> Move {
        let to = order.experienced(self.circuit_state());
        let told = self.ordered(self.state(), to, Reason::Override);
        self.moved(told, self.circuit(), order, false)
    }
}
